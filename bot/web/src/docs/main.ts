import 'swagger-ui-dist/swagger-ui.css';

import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle';

// Shipped with the service: the API page works where there is no internet.
SwaggerUI({ url: '/openapi.json', dom_id: '#app', deepLinking: true, validatorUrl: null });
